const words = (list: string): ReadonlySet<string> => new Set(list.trim().split(/\s+/))

/** Words that follow a company's name without making it another company's. */
export const GENERIC_AFTER = words(`group groups holding holdings`)

/** Regions: "Acme Europe" is Acme's. Only the last word of each is needed, with the first where there are two. */
export const REGIONS = words(`
  america americas europe asia africa emea apac uk usa us u japan germany france canada india china australia mexico brazil
  ireland italy spain netherlands switzerland sweden singapore korea global worldwide north south latin middle
`)

/** Words that make a longer name another company: "Acme Robotics" is not Acme. */
export const COMPANY_NOUNS = words(`
  advisors advisory aerospace agency air airlines airways analytics apparel associates automation automotive aviation bancorp bank
  bankshares bio biologics biomedical biopharma biosciences biotech biotherapeutics biotechnologies brands broadcasting brothers
  builders capital care cargo chemical chemicals clinic clinical cloud coffee college communications computing construction
  consulting copper credit cruises dairy data defense design development devices diagnostics digital dynamics education electric
  electronics energy engineering entertainment enterprises equipment equity estates exploration express fabrics farms fashion
  films finance financial fintech fitness food foods footwear foundation foundry freight fuel furniture games gaming genetics
  genomics glass global gold healthcare health home homes hospital hospitality hotels imaging industrial industries
  innovation innovations instruments insurance interactive international investment investments investors jewelers jewelry
  journal lab laboratories labs law lending lithium logistics machinery management manufacturing marine marketing materials
  media medical medicine metals minerals mining mobile mobility mortgage motor motors museum mutual nation network networks
  neuroscience nutrition oil oncology optics packaging paper petroleum pharma pharmaceutical pharmaceuticals photonics pictures
  plastics power press products properties property publishing quantum railroad railway realty records renewables rentals research
  resorts resources restaurants retail robotics royalty savings school sciences scientific security semiconductor semiconductors
  services shipping silver society software solar solutions space sports steel stores studio studios supply surgical
  systems technologies technology telecom telecommunications textiles therapeutics tobacco tools toys trading transport
  transportation travel trucking trust union university utilities vaccines ventures veterinary vision water wealth weekly
  wines wireless works
`)

/** Words that may stand, capitalised, right after a company's name and belong to the sentence. */
export const AFTER_NAME = words(`
  accelerates acquires acquired adds advances agrees aims allocates and announce announced announces appoints appointed as at
  backs becomes begins board boosts bolsters breaks brings builds buys by ceo cfo chair chairman chairwoman chief closes
  coo collaborates commences completes confirms continues could creates cto cuts debuts declares delivers deploys details develops
  director discontinues discloses divests dividend dosed doses earns earnings elects employees enables enhances enrolls enters
  establishes executive executives exits expands expects expanding extends faces features files for forecasts forms founder from
  gains gets grants grows has helps highlights hires hits holds hosts in increases initiates integrates introduces introducing invests is
  issues joins launch launches launched leads lists lowers makes marks may merges misses moves named names net of offers on opens
  outlines over partnering passes petitions picks plans pledges posts prepares presents president prices profit
  promotes proposes provides publishes q1 q2 q3 q4 raises raised ranked reaches receives recalls recognized reduces reiterates
  releases reports resumes results reveals revenue rises rolls said sales says schedules secures seeks selected selects sells set sets settles
  shareholders shares shows signs slashes spokesperson staff starts stock stockholders strengthens strikes submits sued sues suffers
  surges suspends taps targets teams tests the to today tops trims turns unit unveils unveiled updates upgrades vice vp vs wants warns welcomes
  will wins with withdraws won workers would
`)

/** Verbs that a company is the subject of: enough context for a name that is an ordinary word. */
export const COMPANY_VERBS = words(`
  acquires acquired adds agrees announced announces announce appoints appointed buys closes completes confirms cuts debuts declares
  discloses elects expands files hires introduces introduced invests issues joins launches launched lists names named
  opens opened partnered plans posts posted promotes raises raised receives recalls releases reported reports reveals rolls said says secures
  sells settles signs sued sues taps teams unveils unveiled warns welcomes wins won
  ceo cfo coo cto chief president chairman board shares stock spokesperson spokeswoman spokesman executives employees earnings revenue
`)

/** Words that may stand, capitalised, right before a company's name and belong to the sentence. */
export const BEFORE_NAME = words(`
  a about acquire acquired acquires acquiring after against ahead all amid an and announces appoints are as at backs battles beats before behind both
  buy buying buys by can carmaker ceo cfo chairman chipmaker co-founder could dear did does drugmaker ex exclusive for former founder from
  giant has have how if in inside into invests is it join joining joins lawsuit like maker meet merge named names new news of on
  or our over owner parent partner partners per plaintiff president retailer saw says secures selected selects sell sells since startup sue sues
  teams tech that the their these this to today under unit up update updates via vs was we welcomes what when where while who why
  will with without yesterday your
  january february march april may june july august september october november december
  monday tuesday wednesday thursday friday saturday sunday inc llc ltd corp plc gmbh alert breaking report watch analysis
`)

/** Names of companies that are ordinary words too: a mention needs a company's context, capitals are not enough. */
export const ORDINARY_WORDS = words(`
  affirm align alphabet amazon apple array ascend aspen assurant avid axon ball balance bark beacon best beyond bill biogen block bloom blue
  box bright bumble cable camping canopy carvana carrier chase chime chewy clarity clear clearway cloud coach compass concentrix corning
  coupa crane crown dash dawn delta discover dish dollar dominion dover dropbox eagle edge elastic elevate emerald encompass
  energizer evolve express fair figure first five flex focus ford fox fossil freedom frontier fuse gap gear general global gold good grab green
  harmony hub hershey hope horizon host humana impact ideal indeed insight integral intuit itron jack jade joy key kind lemonade
  level lift light lime linear link loop lucid lush magna match matrix medallion mercury meta mint mirror monday mosaic motion
  national navigator nerdwallet neon next noble nova oak object olive on open opera optimum option oracle orange orbit origin outbrain outset oxford
  palm panda patreon peak pearl perfect phoenix pioneer plaid planet planetary plug plus pool post premier prime progressive progress prologis
  prudential public pulse pure quest ramp range ranger rapid rapport raven reach ready relay repay republic reserve resideo
  resolute revolve ring rise river robin rocket root rover sage salt samsara scale scholastic scout sea seal sentinel shell shift signal signet
  silk simply slack smart snap snowflake sonic source southern spark sphere spirit splash sprout square stable standard
  star steel sterling stone storm stream stride stripe summit sun sunrise surge swift sync synergy target tempo tempur tide
  toast torch total tower trade transocean travelers trident trinity triumph trust twilight twist uber udemy union unity universal upstart upwork urban
  valley vantage vector venture verge veritas vertex victory view virgin visa vital vista vizio volt vroom warrior wave wayfair wish wix
  wolf workday workhorse world yelp yeti zoom
`)
