package org.mailstead.core.directory;

import org.mailstead.core.audit.AuditEntry;

/// Who changes the directory and how it is recorded: the entry goes into the same commit as the
/// change, completed with what the operation answers (JRN-2).
public record Change(AuditEntry entry) {}
