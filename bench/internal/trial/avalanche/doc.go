// Package avalanche is the trial of an upstream that is killed under many pages, and of all pages that come back at once.
package avalanche
