// swagger-ui.d.ts - the little of Swagger UI that docs.ts uses; the package brings no types.
declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  const SwaggerUI: (options: Record<string, unknown>) => { preauthorizeApiKey(scheme: string, key: string): unknown };
  export default SwaggerUI;
}
