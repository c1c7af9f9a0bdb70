package org.mailstead.store;

/// One key and its value. The arrays belong to the receiver.
public record Row(byte[] key, byte[] value) {}
