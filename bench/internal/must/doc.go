// Package must ends the program for errors that the benchmarks can do nothing about. It imports nothing of them.
package must
