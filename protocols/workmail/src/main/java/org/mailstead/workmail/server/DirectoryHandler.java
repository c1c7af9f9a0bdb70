package org.mailstead.workmail.server;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.ConnectedDirectories;
import org.mailstead.core.directory.ConnectedDirectory;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.DirectoryProblem;
import org.mailstead.core.directory.DirectorySynchronizer;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.core.directory.SynchronizationState;
import org.mailstead.workmail.wire.shapes.DescribeDirectorySyncRequest;
import org.mailstead.workmail.wire.shapes.DescribeDirectorySyncResponse;
import org.mailstead.workmail.wire.shapes.DirectoryDescription;
import org.mailstead.workmail.wire.shapes.DirectorySyncMode;
import org.mailstead.workmail.wire.shapes.DirectorySyncState;
import org.mailstead.workmail.wire.shapes.ListDirectoriesRequest;
import org.mailstead.workmail.wire.shapes.ListDirectoriesResponse;
import org.mailstead.workmail.wire.shapes.StartDirectorySyncRequest;
import org.mailstead.workmail.wire.shapes.StartDirectorySyncResponse;

/// Connected directories (ORG-3).
final class DirectoryHandler {
  private final Directory directory;
  private final DirectorySynchronizer synchronizer;
  private final PageTokens tokens;

  DirectoryHandler(Directory directory, DirectorySynchronizer synchronizer, PageTokens tokens) {
    this.directory = directory;
    this.synchronizer = synchronizer;
    this.tokens = tokens;
  }

  /// Those that the caller's account may use, in the order of their ids. Each of a page is asked
  /// whether it answers.
  ListDirectoriesResponse list(Call call, ListDirectoriesRequest request) {
    String context = call.account() + " ListDirectories";
    PageRequest page = tokens.page(context, request.maxResults(), request.nextToken());
    ConnectedDirectories connected = directory.connected();
    List<ConnectedDirectory> rest =
        connected.all().stream()
            .filter(one -> one.account().filter(of -> !of.equals(call.account())).isEmpty())
            .filter(
                one -> page.token().filter(last -> last.compareTo(one.id().value()) >= 0).isEmpty())
            .sorted(Comparator.comparing(one -> one.id().value()))
            .toList();
    List<ConnectedDirectory> shown = rest.subList(0, Math.min(rest.size(), page.countMax()));
    Optional<String> next =
        shown.size() < rest.size() ? Optional.of(shown.getLast().id().value()) : Optional.empty();
    return ListDirectoriesResponse.builder()
        .directories(
            shown.parallelStream()
                .map(one -> description(one, connected.problem(one.id())))
                .toList())
        .nextToken(tokens.seal(context, next))
        .build();
  }

  private static DirectoryDescription description(
      ConnectedDirectory directory, Optional<DirectoryProblem> problem) {
    return DirectoryDescription.builder()
        .directoryId(directory.id().value())
        .name(directory.alias())
        .directoryType(directory.kind().text())
        .available(problem.isEmpty())
        .errorMessage(problem.map(DirectoryProblem::text))
        .build();
  }

  DescribeDirectorySyncResponse describe(Call call, DescribeDirectorySyncRequest request) {
    var organization =
        directory.imports().organization(new OrganizationId(request.organizationId()));
    SynchronizationState state = synchronizer.state(organization.id());
    boolean hasRun = state.phase() != SynchronizationState.Phase.NEVER_RUN;
    return DescribeDirectorySyncResponse.builder()
        .state(state(state.phase()))
        .mode(
            hasRun
                ? Optional.of(
                    state.isFull() ? DirectorySyncMode.FULL : DirectorySyncMode.INCREMENTAL)
                : Optional.empty())
        .startTime(state.started())
        .endTime(state.ended())
        .lastSuccessTime(state.succeeded())
        .nextTime(state.next())
        .entitiesRead((long) state.read())
        .entitiesCreated((long) state.created())
        .entitiesUpdated((long) state.updated())
        .entitiesRemoved((long) state.removed())
        .errorMessage(state.error())
        .build();
  }

  StartDirectorySyncResponse start(Call call, StartDirectorySyncRequest request) {
    var organization =
        directory.imports().organization(new OrganizationId(request.organizationId()));
    // Recorded before it begins: what it changes is recorded by itself, in the service's name.
    directory.records().change(call.change(), organization.id(), _ -> true);
    synchronizer.start(
        organization.id(), request.mode().filter(DirectorySyncMode.FULL::equals).isPresent());
    return StartDirectorySyncResponse.builder()
        .state(state(synchronizer.state(organization.id()).phase()))
        .build();
  }

  private static DirectorySyncState state(SynchronizationState.Phase phase) {
    return switch (phase) {
      case NEVER_RUN -> DirectorySyncState.NEVER_RUN;
      case RUNNING -> DirectorySyncState.RUNNING;
      case SUCCEEDED -> DirectorySyncState.SUCCEEDED;
      case FAILED -> DirectorySyncState.FAILED;
    };
  }
}
