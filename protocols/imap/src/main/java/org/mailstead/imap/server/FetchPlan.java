package org.mailstead.imap.server;

import java.util.ArrayList;
import java.util.List;
import org.mailstead.imap.wire.FetchItem;
import org.mailstead.imap.wire.ResponseWriter;

/// The items of one FETCH as steps with their labels ready, and what they need.
record FetchPlan(Step[] steps, boolean needsSummary, boolean setsSeen, boolean hasFlags) {
  /// @param label the item's name with the space before and after it
  record Step(FetchItem item, byte[] label) {}

  static FetchPlan of(ImapFetch fetch) {
    List<Step> steps = new ArrayList<>();
    boolean needsSummary = false;
    boolean setsSeen = false;
    boolean hasFlags = false;
    for (FetchItem item : fetch.items()) {
      String name =
          switch (item) {
            case FetchItem.Flags _ -> "FLAGS";
            case FetchItem.InternalDate _ -> "INTERNALDATE";
            case FetchItem.Size _ -> "RFC822.SIZE";
            case FetchItem.Envelope _ -> "ENVELOPE";
            case FetchItem.Body _ -> "BODY";
            case FetchItem.BodyStructure _ -> "BODYSTRUCTURE";
            case FetchItem.Uid _ -> "UID";
            case FetchItem.ModSeq _ -> "MODSEQ";
            case FetchItem.EmailId _ -> "EMAILID";
            case FetchItem.ThreadId _ -> "THREADID";
            case FetchItem.SaveDate _ -> "SAVEDATE";
            case FetchItem.Section section -> section.name();
            case FetchItem.Binary binary -> binary.name();
            case FetchItem.BinarySize size -> size.name();
          };
      needsSummary |= needsSummary(item);
      setsSeen |= setsSeen(item);
      hasFlags |= item instanceof FetchItem.Flags;
      String before = steps.isEmpty() ? "" : " ";
      steps.add(new Step(item, ResponseWriter.ascii(before + name + " ")));
    }
    return new FetchPlan(steps.toArray(Step[]::new), needsSummary, setsSeen, hasFlags);
  }

  /// Items in the order of the answer, each once.
  record ImapFetch(List<FetchItem> items) {}

  private static boolean needsSummary(FetchItem item) {
    return switch (item) {
      case FetchItem.Envelope _,
          FetchItem.Body _,
          FetchItem.BodyStructure _,
          FetchItem.ThreadId _,
          FetchItem.Binary _,
          FetchItem.BinarySize _ ->
          true;
      // The whole message needs its size only, which the view has.
      case FetchItem.Section section ->
          !(section.path().part().isEmpty()
              && section.path().text() == FetchItem.SectionText.WHOLE);
      case FetchItem.Flags _,
          FetchItem.InternalDate _,
          FetchItem.Size _,
          FetchItem.Uid _,
          FetchItem.ModSeq _,
          FetchItem.EmailId _,
          FetchItem.SaveDate _ ->
          false;
    };
  }

  /// RFC 9051 §6.4.5: reading a body without PEEK sets \Seen.
  private static boolean setsSeen(FetchItem item) {
    return switch (item) {
      case FetchItem.Section section -> !section.peek();
      case FetchItem.Binary binary -> !binary.peek();
      case FetchItem.Flags _,
          FetchItem.InternalDate _,
          FetchItem.Size _,
          FetchItem.Envelope _,
          FetchItem.Body _,
          FetchItem.BodyStructure _,
          FetchItem.Uid _,
          FetchItem.ModSeq _,
          FetchItem.EmailId _,
          FetchItem.ThreadId _,
          FetchItem.SaveDate _,
          FetchItem.BinarySize _ ->
          false;
    };
  }
}
