package must

// Do panics with an error.
func Do(err error) {
	if err != nil {
		panic(err)
	}
}
