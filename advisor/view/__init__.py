"""From results to what people see. A view formats and never decides."""
