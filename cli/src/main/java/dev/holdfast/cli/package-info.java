/** The commands of {@code holdfast}, its exit codes and its log. Knows no protocol. */
@NullMarked
package dev.holdfast.cli;

import org.jspecify.annotations.NullMarked;
