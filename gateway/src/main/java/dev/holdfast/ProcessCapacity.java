package dev.holdfast;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.OperatingSystemMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import dev.holdfast.config.Capacity;
import java.lang.management.ManagementFactory;
import java.util.function.LongSupplier;

/** Reads the resources of this process and their use. */
public final class ProcessCapacity {
  private ProcessCapacity() {}

  /** Returns the resources of this process. */
  public static Capacity read() {
    HotSpotDiagnosticMXBean hotspot =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    long heap = option(hotspot, "MaxHeapSize");
    long direct = option(hotspot, "MaxDirectMemorySize");
    // Without the option the JDK allows as much as the heap; the launchers set half of it.
    return new Capacity(heap, direct == 0 ? heap / 2 : direct, descriptors(), memory());
  }

  private static long option(HotSpotDiagnosticMXBean hotspot, String name) {
    return Long.parseLong(hotspot.getVMOption(name).getValue());
  }

  private static long memory() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : Long.MAX_VALUE;
  }

  private static long descriptors() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getMaxFileDescriptorCount()
        : Long.MAX_VALUE;
  }

  /** Returns a supplier of the number of open descriptors, which is expensive as it lists them. */
  static LongSupplier openDescriptors() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix::getOpenFileDescriptorCount
        : () -> 0;
  }
}
