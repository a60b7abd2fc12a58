// Package compare says whether one jar of Holdfast is slower than another, under a load that is equal by construction.
package compare
