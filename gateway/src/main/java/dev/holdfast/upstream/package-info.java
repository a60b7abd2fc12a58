/**
 * Links to Open WebUI, its health, and the choice of a user's upstream. Independent of client
 * transports.
 */
@NullMarked
package dev.holdfast.upstream;

import org.jspecify.annotations.NullMarked;
