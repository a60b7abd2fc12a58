/** The ports to the other nodes of the cluster, and their implementation within one process. */
@NullMarked
package dev.holdfast.cluster;

import org.jspecify.annotations.NullMarked;
