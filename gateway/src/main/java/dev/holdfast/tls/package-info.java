/**
 * Certificates and keys from PEM files as TLS contexts of the JDK. Knows nothing of who uses them.
 */
@NullMarked
package dev.holdfast.tls;

import org.jspecify.annotations.NullMarked;
