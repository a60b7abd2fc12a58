package dev.holdfast.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ChartSchemaTest {
  private static final Path SCHEMA =
      Path.of("..", "deploy", "helm", "holdfast", "values.schema.json");

  @Test
  void chartKnowsTheSettingsAndTakesNoSecretAmongThem() throws IOException {
    String schema = Files.readString(SCHEMA);
    if ("write".equals(System.getProperty("holdfast.docs"))) {
      Files.writeString(SCHEMA, ChartSchema.updated(schema));
    }

    assertThat(SCHEMA)
        .as("run ./mvnw -pl config test -Dtest=ChartSchemaTest -Dholdfast.docs=write")
        .hasContent(ChartSchema.updated(schema));
  }
}
