/** What is known of Open WebUI alone: its events, and what they can be used for. */
@NullMarked
package dev.holdfast.openwebui;

import org.jspecify.annotations.NullMarked;
