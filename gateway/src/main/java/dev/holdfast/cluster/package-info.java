/** The other nodes: what a node needs of the others, and the version of it for one node alone. */
@NullMarked
package dev.holdfast.cluster;

import org.jspecify.annotations.NullMarked;
