/**
 * Access to running nodes, through the admin port of one or through Redis. Independent of the
 * commands.
 */
@NullMarked
package dev.holdfast.cli.remote;

import org.jspecify.annotations.NullMarked;
