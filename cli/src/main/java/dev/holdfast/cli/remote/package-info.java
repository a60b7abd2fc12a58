/**
 * Running nodes, as commands reach them: through the admin port of one, or through Redis. Knows no
 * command.
 */
@NullMarked
package dev.holdfast.cli.remote;

import org.jspecify.annotations.NullMarked;
