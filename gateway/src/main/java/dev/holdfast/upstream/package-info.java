/**
 * Links to Open WebUI, its health, and which upstream a user belongs to. Knows no client transport.
 */
@NullMarked
package dev.holdfast.upstream;

import org.jspecify.annotations.NullMarked;
