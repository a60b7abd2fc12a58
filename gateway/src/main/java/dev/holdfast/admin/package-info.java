/** Health, readiness and metrics for operators. Changes nothing. */
@NullMarked
package dev.holdfast.admin;

import org.jspecify.annotations.NullMarked;
