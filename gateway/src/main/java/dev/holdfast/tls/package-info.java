/** TLS contexts of the JDK from certificates and keys in PEM files. Independent of their users. */
@NullMarked
package dev.holdfast.tls;

import org.jspecify.annotations.NullMarked;
