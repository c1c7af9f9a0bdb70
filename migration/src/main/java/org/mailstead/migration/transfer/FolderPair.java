package org.mailstead.migration.transfer;

import java.util.Optional;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.item.FolderRole;
import org.mailstead.migration.item.MailFolder;

/// A folder of the source and where its items go.
///
/// @param archive where items older than the archive age go instead
public record FolderPair(
    MailFolder source, FolderPath target, FolderRole role, Optional<FolderPath> archive) {}
