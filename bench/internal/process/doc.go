// Package process finds and starts the programs that stand before an upstream (Holdfast on a JDK, nginx, HAProxy) and waits until
// they serve. It must not know what is measured there.
package process
