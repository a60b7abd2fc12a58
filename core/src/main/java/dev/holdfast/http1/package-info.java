/**
 * HTTP/1 heads and chunks, read strictly, and the HTTP ports based on Undertow. Independent of what
 * they serve.
 */
@NullMarked
package dev.holdfast.http1;

import org.jspecify.annotations.NullMarked;
