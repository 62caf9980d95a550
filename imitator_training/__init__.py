"""Making a bundle for an engine: render its characters, train the networks on them, measure, export."""
