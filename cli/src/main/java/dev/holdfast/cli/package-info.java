/** The commands of {@code holdfast}, its exit codes and its log. Independent of protocols. */
@NullMarked
package dev.holdfast.cli;

import org.jspecify.annotations.NullMarked;
