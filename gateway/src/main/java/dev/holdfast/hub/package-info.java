/** Who is here: sessions by id and by user, and the limits on connections. Knows no socket. */
@NullMarked
package dev.holdfast.hub;

import org.jspecify.annotations.NullMarked;
