package org.mailstead.workmail.wire;

/// A structure of the API model, immutable and checked.
public interface Shape {
  /// Writes the members, without the braces around them.
  void write(ShapeWriter out);
}
