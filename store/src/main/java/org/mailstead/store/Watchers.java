package org.mailstead.store;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The listeners of a store, by partition. Engines call [#changed] after a commit is durable and
/// after they have left their locks. A listener that throws is logged and harms nobody.
public final class Watchers {
  private static final Logger LOG = LoggerFactory.getLogger(Watchers.class);

  private final ConcurrentHashMap<PartitionId, CopyOnWriteArrayList<Registration>> registrations =
      new ConcurrentHashMap<>();

  public Store.Watch watch(PartitionId partition, Store.Listener listener) {
    Registration registration = new Registration(partition, listener);
    registrations.compute(
        partition,
        (id, present) -> {
          CopyOnWriteArrayList<Registration> list =
              present == null ? new CopyOnWriteArrayList<>() : present;
          list.add(registration);
          return list;
        });
    return registration;
  }

  public void changed(PartitionId partition, long version) {
    CopyOnWriteArrayList<Registration> list = registrations.get(partition);
    if (list == null) return;
    for (Registration registration : list) {
      try {
        registration.listener.changed(partition, version);
      } catch (RuntimeException e) {
        LOG.error("a listener of {} failed", partition, e);
      }
    }
  }

  private final class Registration implements Store.Watch {
    private final PartitionId partition;
    private final Store.Listener listener;

    Registration(PartitionId partition, Store.Listener listener) {
      this.partition = partition;
      this.listener = listener;
    }

    @Override
    public void close() {
      registrations.computeIfPresent(
          partition,
          (id, list) -> {
            list.remove(this);
            return list.isEmpty() ? null : list;
          });
    }
  }
}
