/** Health, readiness, metrics and the API for operators. Independent of packets. */
@NullMarked
package dev.holdfast.admin;

import org.jspecify.annotations.NullMarked;
