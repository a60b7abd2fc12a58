// Package slow is the trial of pages that read nothing.
package slow
