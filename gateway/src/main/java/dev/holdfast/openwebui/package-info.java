/** Everything specific to Open WebUI: its events, its API and how to use them. */
@NullMarked
package dev.holdfast.openwebui;

import org.jspecify.annotations.NullMarked;
