package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

/** What the jar is made of, and which known faults it must not have. */
class SbomIT {
  private static final Path SBOM = Path.of("target", "bom.json");
  private static final Path ADVISORIES = Path.of("src", "test", "resources", "advisories.csv");

  /** Versions of the libraries, by {@code group:artifact}. */
  private static Map<String, String> components() throws IOException {
    Map<String, String> components = new TreeMap<>();
    for (JsonNode each : sbom().path("components")) {
      components.put(
          each.path("group").asText() + ":" + each.path("name").asText(),
          each.path("version").asText());
    }
    return components;
  }

  private static JsonNode sbom() throws IOException {
    return new JsonMapper().readTree(SBOM.toFile());
  }

  @Test
  void componentsAreNamedAsScannersKnowThem() throws IOException {
    assertThat(sbom().path("bomFormat").asText()).isEqualTo("CycloneDX");
    assertThat(sbom().path("metadata").path("component").path("name").asText())
        .isEqualTo("holdfast-cli");
    for (JsonNode each : sbom().path("components")) {
      assertThat(each.path("purl").asText()).startsWith("pkg:maven/").contains("@");
    }
  }

  /** Most libraries bring a file that says what they are. */
  @Test
  void everyLibraryInTheJarIsListed() throws IOException {
    Map<String, String> components = components();
    int found = 0;
    try (JarFile jar = new JarFile("target/holdfast.jar")) {
      for (JarEntry entry : jar.stream().toList()) {
        if (entry.getName().matches("META-INF/maven/.*/pom\\.properties")) {
          Properties said = new Properties();
          said.load(jar.getInputStream(entry));
          String name = said.getProperty("groupId") + ":" + said.getProperty("artifactId");
          if (!name.equals("dev.holdfast:holdfast-cli")) {
            assertThat(components).containsEntry(name, said.getProperty("version"));
          }
          found++;
        }
      }
    }
    assertThat(found).isGreaterThan(10);
  }

  @Test
  void noLibraryHasAFaultOfAKnownAdvisory() throws IOException {
    Map<String, String> components = components();
    for (String line : Files.readAllLines(ADVISORIES)) {
      if (!line.startsWith("#")) {
        String[] parts = line.split(",", -1);
        assertThat(components).as(line).containsKey(parts[0]);
        assertThat(compare(numbers(components.getOrDefault(parts[0], "")), numbers(parts[1])))
            .as(line)
            .isNotNegative();
      }
    }
  }

  /** The numbers of a version; what follows them, such as {@code Final}, does not count. */
  private static List<Integer> numbers(String version) {
    List<Integer> numbers = new ArrayList<>();
    for (String part : version.split("[.-]", -1)) {
      if (!part.matches("[0-9]+")) {
        break;
      }
      numbers.add(Integer.parseInt(part));
    }
    return numbers;
  }

  private static int compare(List<Integer> one, List<Integer> other) {
    for (int i = 0; i < Math.max(one.size(), other.size()); i++) {
      int left = i < one.size() ? one.get(i) : 0;
      int right = i < other.size() ? other.get(i) : 0;
      if (left != right) {
        return left - right;
      }
    }
    return 0;
  }
}
