/** Every request that is not Socket.IO, passed through unharmed. Knows no Socket.IO. */
@NullMarked
package dev.holdfast.proxy;

import org.jspecify.annotations.NullMarked;
