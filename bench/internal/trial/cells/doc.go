// Package cells measures proxies side by side: each cell is a load and the figures that it gives.
package cells
