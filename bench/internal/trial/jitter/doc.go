// Package jitter is the trial of connections that are cut at random while events flow.
package jitter
