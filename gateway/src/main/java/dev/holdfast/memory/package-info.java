/** Pooled direct buffers within a budget of the process. Knows nothing of what they hold. */
@NullMarked
package dev.holdfast.memory;

import org.jspecify.annotations.NullMarked;
