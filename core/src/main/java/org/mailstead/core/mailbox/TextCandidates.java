package org.mailstead.core.mailbox;

/// What the text index knows of a folder for one search of headers and body together.
///
/// @param possible UIDs of messages that may match, ascending: the caller reads them. Messages that
///   are not indexed yet are among them
/// @param sure UIDs of messages that match, ascending; none of them is in `possible`
public record TextCandidates(long[] possible, long[] sure) {}
