/** Health, readiness, metrics and the API for operators. Knows no packet. */
@NullMarked
package dev.holdfast.admin;

import org.jspecify.annotations.NullMarked;
