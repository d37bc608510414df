package pages

// samples are views as the doors give them, at least one of each page: with
// these every template is tried before it is shown to anybody, an operator's own
// too. A page whose Data is of a type of its own declares that type in this
// package.
var samples = []View{
	{Page: "message", Title: "notfound.title", Data: "notfound.text"},
	{Page: "message", Title: "forbidden.title", Data: "forbidden.text", User: "alice"},
}
