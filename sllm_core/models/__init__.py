"""The way to a language model: what a model gives, and the gateway that everything asks it through."""
