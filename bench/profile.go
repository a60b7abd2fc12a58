package main

import "errors"

func (s *suite) profile() error { return errors.New("not yet") }
