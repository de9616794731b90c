/* openapi_schemas.c - the shapes of replies, as JSON Schema in OpenAPI 3.0's dialect. A poll's
 * schema takes in both eras of the published one. Single quotes stand for double ones.
 *
 * SPDX-License-Identifier: MIT */
#include "api/openapi_impl.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

#define STATUS "{'type':'string','enum':['queued','generating','completed','error']}"
#define ID     "{'type':'string','description':'The ID of the generated video.'}"
#define USAGE                                                                                      \
    "{'type':'object','nullable':true,'required':['credits_used','tokens_used'],'properties':{"    \
    "'credits_used':{'type':'number','description':'The number of credits consumed during "        \
    "generation; reserved until it is completed, 0 when it failed.'},"                             \
    "'tokens_used':{'type':'number','description':'The same number under its older name.'}}}"
#define PAGINATION                                                                                 \
    "{'type':'object','required':['next_cursor','has_more'],'properties':{"                        \
    "'next_cursor':{'type':'string','nullable':true,'description':'null on the last page.'},"      \
    "'has_more':{'type':'boolean'}}}"

#define SCOPES                                                                                     \
    "{'type':'array','nullable':true,'description':'What it may be used for; null: everything.',"  \
    "'items':{'type':'string','enum':['model:video','model:chat','model:responses',"               \
    "'model:image','model:audio','model:embeddings','model:speech','model:ocr']}}"
#define LIMIT                                                                                      \
    "{'type':'object','nullable':true,'required':['retention','threshold'],'properties':{"         \
    "'retention':{'type':'string','enum':['no_reset','day','week','month']},"                      \
    "'threshold':{'type':'number','description':'US dollars.'}}}"
#define KEY_FIELDS                                                                                 \
    "'name':{'type':'string','nullable':true,'maxLength':63},'limit':" LIMIT ",'scopes':" SCOPES   \
    ",'requests_per_minute':{'type':'integer','minimum':0,'maximum':1000000},"                     \
    "'jobs_at_once':{'type':'integer','minimum':0,'maximum':1000000}"

static const struct schema {
    const char *name;
    const char *text;
} schemas[] = {
    {"Created", "{'type':'object','required':['id','generation_id','status','meta'],'properties':{"
                "'id':" ID ",'generation_id':{'type':'string','description':'The same as id.'},"
                "'status':" STATUS ",'meta':{'type':'object','required':['usage'],"
                "'properties':{'usage':" USAGE "}}}}"},
    {"Generation",
     "{'type':'object','required':['id','status'],'properties':{'id':" ID ",'status':" STATUS ","
     "'video':{'type':'object','nullable':true,'required':['url'],'properties':{"
     "'url':{'type':'string','format':'uri',"
     "'description':'Where the file can be downloaded from, without a key.'},"
     "'duration':{'type':'number','nullable':true,'description':'Seconds.'}}},"
     "'duration':{'type':'number','nullable':true,'description':'Seconds.'},"
     "'error':{'type':'object','nullable':true,'required':['name','message'],'properties':{"
     "'name':{'type':'string'},'message':{'type':'string'}}},"
     "'meta':{'type':'object','nullable':true,'properties':{'usage':" USAGE ","
     "'progress':{'type':'number','minimum':0,'maximum':1},"
     "'stage':{'type':'string','description':'What is being done.'},"
     "'position':{'type':'integer','minimum':0,"
     "'description':'Queued jobs before this one; only while queued, counted to 1000.'},"
     "'eta_seconds':{'type':'integer','minimum':1,"
     "'description':'Only when such work was measured.'},"
     "'engine':{'type':'string','description':'What made the video.'},"
     "'prompt':{'type':'string','description':'The prompt as the engine got it.'},"
     "'seed':{'type':'integer','minimum':0},"
     "'model':{'type':'string'},'created_at':{'type':'string','format':'date-time'},"
     "'ended_at':{'type':'string','format':'date-time'},"
     "'prompt_original':{'type':'string','description':'The prompt as it was sent.'},"
     "'enhance':{'type':'boolean'},'has_image':{'type':'boolean'},"
     "'width':{'type':'integer'},'height':{'type':'integer'},"
     "'fps':{'type':'integer','minimum':1,'description':'Frames a second of the video.'},"
     "'bytes':{'type':'integer','description':'Of the video.'},"
     "'poster_url':{'type':'string','format':'uri','description':'A JPEG, signed as the video "
     "is.'},"
     "'preview_url':{'type':'string','format':'uri',"
     "'description':'Three seconds at most, small, without sound.'},"
     "'timings':{'type':'array','items':{'type':'object','required':['stage','seconds'],"
     "'properties':{'stage':{'type':'string'},'seconds':{'type':'number','minimum':0}}}},"
     "'plan':{'type':'object','description':'What the engine read in the prompt.'},"
     "'network':{'type':'object','description':'The neural model that made the frames, and how; "
     "only of such a model.','required':['name','sampler','steps','width','height','frames',"
     "'fps'],'properties':{'name':{'type':'string'},'sampler':{'type':'string'},"
     "'steps':{'type':'integer'},'shift':{'type':'number'},'guidance':{'type':'number'},"
     "'width':{'type':'integer'},'height':{'type':'integer'},'frames':{'type':'integer'},"
     "'fps':{'type':'integer'}}}}}}}"},
    {"GenerationList", "{'type':'object','required':['data','pagination'],'properties':{"
                       "'data':{'type':'array','items':{'$ref':'#/components/schemas/Generation'}},"
                       "'pagination':" PAGINATION "}}"},
    {"Removed",
     "{'type':'object','required':['id','generation_id','action'],"
     "'properties':{'id':" ID ",'generation_id':{'type':'string'},"
     "'action':{'type':'string','enum':['cancelled','deleted']},'status':{'type':'string',"
     "'enum':['error']}}}"},
    {"Model",
     "{'type':'object','required':['id','aliases','type','info','tags'],'properties':{"
     "'id':{'type':'string'},'aliases':{'type':'array','items':{'type':'string'}},"
     "'type':{'type':'string'},'tags':{'type':'array','items':{'type':'string'}},"
     "'info':{'type':'object','required':['name','developer'],'properties':{"
     "'releasedAt':{'type':'string'},'name':{'type':'string'},'developer':{'type':'string'},"
     "'description':{'type':'string'},'url':{'type':'string'},'docsUrl':{'type':'string'},"
     "'docsJson':{'type':'string'}}},"
     "'modalities':{'type':'object','properties':{"
     "'input':{'type':'array','items':{'type':'string'}},"
     "'output':{'type':'array','items':{'type':'string'}}}},"
     "'capabilities':{'type':'array','items':{'type':'string'}},"
     "'pricing':{'type':'object','required':['kind'],'properties':{'kind':{'type':'string'},"
     "'currency':{'type':'string'},'units':{'type':'array','items':{'type':'object',"
     "'properties':{'name':{'type':'string'},'measure':{'type':'string'},"
     "'price':{'type':'number'},'per':{'type':'number'}}}}}},"
     "'limits':{'type':'object','required':['prompt_max','image','credits'],'properties':{"
     "'prompt_max':{'type':'integer'},'credits':{'type':'integer'},"
     "'image':{'type':'object','required':['required','types','bytes_max','short_side_over',"
     "'ratio_over','ratio_under'],'properties':{'required':{'type':'boolean'},"
     "'types':{'type':'array','items':{'type':'string'}},'bytes_max':{'type':'integer'},"
     "'short_side_over':{'type':'integer'},'ratio_over':{'type':'number'},"
     "'ratio_under':{'type':'number'}}}}}}}"},
    {"ModelList", "{'type':'object','required':['object','data'],'properties':{"
                  "'object':{'type':'string','enum':['list']},"
                  "'data':{'type':'array','items':{'$ref':'#/components/schemas/Model'}}}}"},
    {"ModelOne", "{'type':'object','required':['object','data'],'properties':{"
                 "'object':{'type':'string','enum':['model']},"
                 "'data':{'$ref':'#/components/schemas/Model'}}}"},
    {"Balance",
     "{'type':'object','required':['current_balance','currency'],'properties':{"
     "'current_balance':{'type':'number'},'currency':{'type':'string','enum':['USD']}}}"},
    {"BalanceCredits",
     "{'type':'object','required':['balance','lowBalance','lowBalanceThreshold','lastUpdated',"
     "'autoDebitStatus','status','statusExplanation'],'properties':{"
     "'balance':{'type':'integer'},'lowBalance':{'type':'boolean'},"
     "'lowBalanceThreshold':{'type':'integer'},"
     "'lastUpdated':{'type':'string','format':'date-time'},"
     "'autoDebitStatus':{'type':'string'},'status':{'type':'string'},"
     "'statusExplanation':{'type':'string'}}}"},
    {"Transaction",
     "{'type':'object','required':['created_at','direction','type','amount','model',"
     "'reference_id'],'properties':{'created_at':{'type':'string','format':'date-time'},"
     "'direction':{'type':'string','enum':['TOPUP','CHARGE']},"
     "'type':{'type':'string','enum':['PAYMENT','BONUS','REFUND','ADJUSTMENT','MODEL_USAGE',"
     "'CREDITS_EXPIRED','INIT']},"
     "'amount':{'type':'object','required':['usd','credits'],'properties':{"
     "'usd':{'type':'number','minimum':0},'credits':{'type':'integer','minimum':0}}},"
     "'model':{'type':'string','nullable':true},"
     "'reference_id':{'type':'string','nullable':true,"
     "'description':'The id of the generation.'}}}"},
    {"TransactionList",
     "{'type':'object','required':['data','pagination'],'properties':{"
     "'data':{'type':'array','items':{'$ref':'#/components/schemas/Transaction'}},"
     "'pagination':" PAGINATION "}}"},
    {"Usage", "{'type':'object','required':['api_key_prefix','start','end','spend','currency',"
              "'requests'],'properties':{'api_key_prefix':{'type':'string','nullable':true},"
              "'start':{'type':'string','format':'date-time'},"
              "'end':{'type':'string','format':'date-time'},"
              "'spend':{'type':'number','description':'US dollars.'},"
              "'currency':{'type':'string','enum':['USD']},"
              "'requests':{'type':'integer','description':'Charged ones.'}}}"},
    {"Estimate", "{'type':'object','required':['model','credits','usd','seconds','queued'],"
                 "'properties':{'model':{'type':'string'},'credits':{'type':'integer'},"
                 "'usd':{'type':'number'},'seconds':{'type':'number','nullable':true,"
                 "'description':'null when such work was never measured.'},"
                 "'queued':{'type':'integer','description':'Jobs that wait now.'}}}"},
    {"Key",
     "{'type':'object','required':['name','disabled','prefix','scopes','created_at',"
     "'updated_at','monthly_usage','admin','balance','reserved','queued','running','limited',"
     "'requests_per_minute','jobs_at_once'],'properties':{"
     "'name':{'type':'string','nullable':true},'disabled':{'type':'boolean'},"
     "'prefix':{'type':'string'},'scopes':" SCOPES ",'limit':" LIMIT ","
     "'created_at':{'type':'string','format':'date-time'},"
     "'updated_at':{'type':'string','format':'date-time'},"
     "'monthly_usage':{'type':'number','description':'US dollars charged this month.'},"
     "'key':{'type':'string','description':'Only when it was just made.'},"
     "'admin':{'type':'boolean'},'limited':{'type':'boolean'},"
     "'balance':{'type':'integer'},'reserved':{'type':'integer'},"
     "'queued':{'type':'integer'},'running':{'type':'integer'},"
     "'requests_per_minute':{'type':'integer','description':'0: no limit.'},"
     "'jobs_at_once':{'type':'integer','description':'0: no limit.'}}}"},
    {"KeyList", "{'type':'object','required':['data'],'properties':{'data':{'type':'array',"
                "'items':{'$ref':'#/components/schemas/Key'}}}}"},
    {"KeyOne", "{'type':'object','required':['data'],'properties':{"
               "'data':{'$ref':'#/components/schemas/Key'}}}"},
    {"KeyRemoved", "{'type':'object','required':['data'],'properties':{'data':{'type':'object',"
                   "'required':['prefix','deleted'],'properties':{'prefix':{'type':'string'},"
                   "'deleted':{'type':'boolean'}}}}}"},
    {"KeyCreate",
     "{'type':'object','additionalProperties':false,'properties':{" KEY_FIELDS ","
     "'credits':{'type':'integer','minimum':0,'description':'A first balance, which limits the "
     "key.'}}}"},
    {"KeyChange", "{'type':'object','additionalProperties':false,'properties':{" KEY_FIELDS ","
                  "'disabled':{'type':'boolean'},'credits_add':{'type':'integer',"
                  "'description':'May be negative.'}}}"},
    {"Status",
     "{'type':'object','required':['version','uptime_seconds','queue','workers','disk','models'],"
     "'properties':{'version':{'type':'string'},'uptime_seconds':{'type':'integer'},"
     "'queue':{'type':'object','required':['queued','running','completed','failed',"
     "'oldest_queued_seconds'],'properties':{'queued':{'type':'integer'},"
     "'running':{'type':'integer'},'completed':{'type':'integer'},'failed':{'type':'integer'},"
     "'oldest_queued_seconds':{'type':'integer','nullable':true}}},"
     "'workers':{'type':'array','description':'Those that have a job now.','items':{"
     "'type':'object','required':['name','generation_id','stage','progress'],'properties':{"
     "'name':{'type':'string'},'generation_id':{'type':'string'},'stage':{'type':'string'},"
     "'progress':{'type':'number','minimum':0,'maximum':1}}}},"
     "'disk':{'type':'object','required':['videos_bytes','free_bytes'],'properties':{"
     "'videos_bytes':{'type':'integer'},'free_bytes':{'type':'integer'}}},"
     "'models':{'type':'array','items':{'type':'string'}}}}"},
    {"Health", "{'type':'object','required':['status','version'],'properties':{"
               "'status':{'type':'string'},'version':{'type':'string'}}}"},
    {"Ready", "{'type':'object','required':['status','workers'],'properties':{"
              "'status':{'type':'string'},'workers':{'type':'integer'}}}"},
    {"Document", "{'type':'object','required':['openapi','info','paths'],'properties':{"
                 "'openapi':{'type':'string'},'info':{'type':'object'},"
                 "'paths':{'type':'object'}}}"},
    {"Issue", "{'type':'object','required':['code','message','path'],'properties':{"
              "'code':{'type':'string'},'message':{'type':'string'},"
              "'path':{'type':'array','items':{'type':'string'}},"
              "'expected':{'type':'string'},'received':{'type':'string'},"
              "'options':{'type':'array','items':{'type':'string'}},"
              "'maximum':{'type':'number'},'minimum':{'type':'number'},"
              "'type':{'type':'string'},'inclusive':{'type':'boolean'},"
              "'exact':{'type':'boolean'},'validation':{'type':'string'},"
              "'keys':{'type':'array','items':{'type':'string'}}}}"},
    {"Problem",
     "{'type':'object','required':['title','status','message','instance','requestId','timestamp',"
     "'error'],'properties':{'title':{'type':'string'},'status':{'type':'integer'},"
     "'message':{'type':'string'},"
     "'instance':{'type':'string','description':'The path and query of the request.'},"
     "'requestId':{'type':'string','description':'The header x-request-id.'},"
     "'timestamp':{'type':'string','format':'date-time'},"
     "'error':{'type':'object','required':['name','message'],'properties':{"
     "'name':{'type':'string'},'message':{'type':'string'},'data':{'oneOf':["
     "{'type':'array','items':{'$ref':'#/components/schemas/Issue'}},"
     "{'type':'object','required':['kind'],'properties':{'kind':{'type':'string'}}}]}}}}}"},
};

json_t *openapi_literal(const char *text)
{
    SCOPED(mem) char *copy = mem_dup(text);
    for (char *c = copy; *c; c++)
        if (*c == '\'')
            *c = '"';
    json_t *v = json_loads(copy, JSON_DECODE_ANY, NULL);
    assert(v);
    return v;
}

json_t *openapi_schemas(void)
{
    json_t *all = json_object();
    for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++)
        json_object_set_new(all, schemas[i].name, openapi_literal(schemas[i].text));
    return all;
}
