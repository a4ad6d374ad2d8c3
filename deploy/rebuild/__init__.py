"""Pages read again by the present rules, in a namespace beside the live one: built, compared, swapped in, or dropped."""
