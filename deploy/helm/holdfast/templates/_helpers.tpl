{{- define "holdfast.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "holdfast.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "holdfast.labels" -}}
{{ include "holdfast.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "holdfast.secret" -}}
{{- .Values.secrets.existingSecret | default (include "holdfast.name" .) -}}
{{- end -}}

{{/* The one that is given, else the one of the Secret that there is already, else a new one. */}}
{{- define "holdfast.adminToken" -}}
{{- $there := lookup "v1" "Secret" .Release.Namespace (include "holdfast.secret" .) -}}
{{- $kept := dig "data" "admin-token" "" $there | b64dec -}}
{{- .Values.secrets.adminToken | default $kept | default (randAlphaNum 43) -}}
{{- end -}}

{{/* The secrets that there are: those that are given, or those that the operator says his Secret has. */}}
{{- define "holdfast.secretKeys" -}}
{{- $keys := list -}}
{{- if .Values.secrets.existingSecret -}}
{{- $keys = .Values.secrets.keys -}}
{{- if not $keys -}}{{- fail "secrets.keys: say which keys secrets.existingSecret has, such as [auth-secret-key]" -}}{{- end -}}
{{- else -}}
{{- $keys = append $keys "admin-token" -}}
{{- range $key, $value := dict "auth-secret-key" .Values.secrets.authSecretKey "redis-password" .Values.secrets.redisPassword "cluster-secret" .Values.secrets.clusterSecret -}}
{{- if $value -}}{{- $keys = append $keys $key -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- $keys | toJson -}}
{{- end -}}

{{- define "holdfast.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "holdfast.name" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{/* What the chart decides, and over it what the operator sets. */}}
{{- define "holdfast.settings" -}}
{{- $made := dict "listen" "0.0.0.0:8000" "admin.listen" "0.0.0.0:9000" "upstreams" .Values.upstreams -}}
{{- $_ := set $made "drain.timeout" (printf "%ds" (int .Values.drain.timeoutSeconds)) -}}
{{- $_ := set $made "logging.format" "json" -}}
{{- with .Values.redis.url -}}
{{- $_ := set $made "redis.url" . -}}
{{- end -}}
{{- toYaml (merge (deepCopy .Values.settings) $made) -}}
{{- end -}}
