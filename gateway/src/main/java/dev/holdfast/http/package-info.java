/** Ports that serve HTTP, by Undertow. Knows nothing of what is served there. */
@NullMarked
package dev.holdfast.http;

import org.jspecify.annotations.NullMarked;
