package org.mailstead.http.aws;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/// The little XML that S3 answers with. No DTD, no entities: a document with one is not read.
final class S3Xml {
  private static final int DEPTH_MAX = 16;

  /// An element with its text and its children, in their order.
  record Element(String name, String text, List<Element> children) {
    /// The text of the first child of this name; empty if there is none.
    String child(String childName) {
      for (Element child : children) {
        if (child.name.equals(childName)) return child.text;
      }
      return "";
    }

    List<Element> all(String childName) {
      return children.stream().filter(c -> c.name.equals(childName)).toList();
    }
  }

  private S3Xml() {}

  /// The root; empty: this is not XML, or not whole, or too deep.
  static Optional<Element> parse(byte[] octets) {
    try {
      XMLInputFactory factory = XMLInputFactory.newFactory();
      factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
      factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
      XMLStreamReader reader = factory.createXMLStreamReader(new ByteArrayInputStream(octets));
      while (reader.hasNext()) {
        int event = reader.next();
        if (event == XMLStreamConstants.DTD) return Optional.empty();
        if (event == XMLStreamConstants.START_ELEMENT) return Optional.of(element(reader, 1));
      }
    } catch (XMLStreamException e) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  private static Element element(XMLStreamReader reader, int depth) throws XMLStreamException {
    if (depth > DEPTH_MAX) throw new XMLStreamException("too deep");
    String name = reader.getLocalName();
    StringBuilder text = new StringBuilder();
    List<Element> children = new ArrayList<>();
    while (true) {
      switch (reader.next()) {
        case XMLStreamConstants.START_ELEMENT -> children.add(element(reader, depth + 1));
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA ->
            text.append(reader.getText());
        case XMLStreamConstants.END_ELEMENT -> {
          return new Element(name, text.toString(), children);
        }
        case XMLStreamConstants.END_DOCUMENT -> throw new XMLStreamException("cut short");
        default -> {}
      }
    }
  }
}
