"""A page's HTML becomes its fields: main text, links, headline, times; or a refusal that says why it is no article."""
