/** Pooled direct buffers within a budget of the process. Independent of their contents. */
@NullMarked
package dev.holdfast.memory;

import org.jspecify.annotations.NullMarked;
