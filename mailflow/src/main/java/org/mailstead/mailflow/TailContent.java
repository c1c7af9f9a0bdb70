package org.mailstead.mailflow;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.mailstead.base.Content;

/// The rest of a content, from an offset. Closing it closes the whole.
record TailContent(Content whole, int offset) implements Content {
  static Content of(Content whole, int offset) {
    return offset == 0 ? whole : new TailContent(whole, offset);
  }

  @Override
  public long length() {
    return whole.length() - offset;
  }

  @Override
  public ByteBuffer buffer() {
    return whole.buffer().position(offset).slice();
  }

  @Override
  public InputStream open() throws IOException {
    InputStream in = whole.open();
    in.skipNBytes(offset);
    return in;
  }

  @Override
  public void close() {
    whole.close();
  }
}
