/** HTTP ports based on Undertow. Independent of what they serve. */
@NullMarked
package dev.holdfast.http;

import org.jspecify.annotations.NullMarked;
