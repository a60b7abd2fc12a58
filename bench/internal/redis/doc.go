// Package redis starts servers of Redis or Valkey and sends them commands. It must not know who uses them.
package redis
