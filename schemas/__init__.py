"""What goes over the wire: msgspec Structs, camelCase in JSON, no behaviour."""
